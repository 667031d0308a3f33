# What build-aux/run and build-aux/test share: the packages and the build.
# Sourced with $root set to the checkout. Every word of ours goes to standard error.
# shellcheck shell=bash disable=SC2154,SC2207

say () { printf '%s\n' "$*" >&2; }
die () { say "$@"; exit 1; }

# The columns of packages.txt: list_packages 1 gives Debian's names, list_packages 1 tests also
# those that only the tests need.
list_packages () {
  local -a column
  local line
  while IFS= read -r line; do
    [[ $line == \#* || -z $line ]] && continue
    IFS='|' read -r -a column <<< "$line"
    [[ ${column[3]-} != *tests* || ${2-} == tests ]] || continue
    read -r line <<< "${column[$1 - 1]}"
    printf '%s\n' "$line"
  done < "$root/build-aux/packages.txt"
}

# Makes sure that the packages are there. $1 is "yes" when nobody needs to be asked; $2 is "tests"
# to have those for the tests too.
ensure_packages () {
  local answer=$1 for=${2-} package status sudo=
  local -a wanted missing=() apt
  local -A installed=()

  if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    [[ -e $root/build/build.ninja ]] || explain_other_distribution "$for"
    return
  fi

  mapfile -t wanted < <(list_packages 1 "$for")
  while read -r package status; do
    if [[ $status == installed ]]; then installed[$package]=1; fi
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2> /dev/null)
  for package in "${wanted[@]}"; do
    [[ -n ${installed[$package]-} ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  say "Gloss needs these packages, which are not installed:"
  say "  ${missing[*]}"
  apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600)
  if ((EUID != 0)); then
    if command -v sudo > /dev/null; then
      apt=(sudo "${apt[@]}")
      sudo="sudo "
    else
      answer=impossible
    fi
  fi
  if [[ $answer == ask && -t 0 && -t 2 ]]; then
    printf 'Install them now? [Y/n] ' >&2
    read -r answer || answer=n
    [[ -z $answer || $answer == [yY]* ]] && answer=yes
  fi
  if [[ $answer != yes ]]; then
    say "To install them, run$([[ $answer == impossible ]] && echo ' as root')"
    say "  ${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends ${missing[*]}"
    [[ $answer == impossible ]] || say "or call this again with --yes as its first argument."
    exit 1
  fi

  say "Installing them ..."
  "${apt[@]}" update -qq < /dev/null >&2 || say "The list of packages could not be renewed; going on with the old one."
  "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" < /dev/null >&2 \
    || die "The packages could not be installed."
}

explain_other_distribution () {
  local line
  say "This is not Debian, so the packages cannot be looked up. Gloss needs:"
  while IFS= read -r line; do say "  $line"; done < <(list_packages 2 "$1")
  say "By hand it is built with"
  say "  meson setup build && ninja -C build"
  if ! command -v meson > /dev/null || ! command -v ninja > /dev/null; then
    die "meson and ninja are not both there, so this stops here."
  fi
  say "Trying that now."
}

# build FOLDER OPTIONS TARGETS: sets FOLDER up once, then lets ninja bring TARGETS (all when there are
# none) up to date, or with "suite NAME" the programs of a suite of tests. OPTIONS is one word list for
# meson. Silent unless it fails, or at the first time.
build () {
  local folder=$1 log=$1/build-aux.log
  local target
  local -a options targets=("${@:3}")
  read -r -a options <<< "$2"

  # In a checkout that cannot be written to, what was built before can still run.
  if ! mkdir -p "$folder" 2> /dev/null || [[ ! -w $folder ]]; then
    for target in "${targets[@]}"; do
      [[ ${targets[0]} == suite || -e $folder/$target || ($target == window && -e $folder/src/app/gloss) ]] || die "Gloss cannot be built here: $folder cannot be written to. Copy the checkout to a folder of your own."
    done
    return 0
  fi
  if command -v flock > /dev/null; then # two calls at once take turns
    exec 9> "$folder/build-aux.lock"
    flock 9
  fi
  if ! is_set_up "$folder"; then
    say "Setting up ${folder#"$root"/} ..."
    rm -rf "$folder/meson-private" "$folder/meson-info" "$folder/build.ninja" "$folder/build-aux.root"
    meson setup "${options[@]}" "$folder" "$root" > "$log" 2>&1 < /dev/null || fail_build "$log"
    say "Building; this takes half a minute the first time ..."
  fi
  if [[ ${targets[0]-} == suite ]]; then
    targets=($("$root/build-aux/test-programs" "$folder" "${targets[1]}")) || die "The suite could not be found."
  fi
  ninja -C "$folder" "${targets[@]}" > "$log" 2>&1 < /dev/null || fail_build "$log"
  exec 9>&-
}

# Not after a setup that was broken off, nor when the checkout was moved or copied.
is_set_up () {
  local mark=$1/build-aux.root
  [[ -e $1/build.ninja ]] || return 1
  if [[ ! -e $mark ]]; then
    grep -qF -- "$root" "$1/build.ninja" || return 1
    printf '%s\n' "$root" > "$mark"
  fi
  [[ $(< "$mark") == "$root" ]]
}

fail_build () {
  cat "$1" >&2
  die "Gloss could not be built; the lines above are also in $1."
}

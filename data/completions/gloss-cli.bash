# Completion of gloss-cli for bash. tests/cli/check-man compares the options with --help.
# shellcheck shell=bash disable=SC2001

# The names of the models on this machine, one a line. $1 is the program.
_gloss_cli_list_models () {
  "$1" models --format json 2> /dev/null < /dev/null \
    | sed -n 's/^    {"name": "\(\([^"\\]\|\\.\)*\)", "place".*/\1/p' | sed 's/\\\(.\)/\1/g'
}

# Offers the lines of $1 that begin with $2. They may be the names of files, so nothing expands them.
_gloss_cli_offer () {
  local line
  while IFS= read -r line; do
    [[ $line != "$2"* || -z $line ]] || COMPREPLY+=("$line")
  done <<< "$1"
}

# Offers files that begin with $1; with $2 "folders" only those. Readline quotes them.
_gloss_cli_offer_files () {
  local kind=-f
  local -a files
  [[ ${2-} != folders ]] || kind=-d
  compopt -o filenames 2> /dev/null
  mapfile -t files < <(compgen "$kind" -- "$1")
  COMPREPLY+=("${files[@]}")
}

# Offers the models that begin with $2, quoted as the quote $3 that the person began with wants it;
# files when there are none. $1 is the program. FALSE when they are files.
_gloss_cli_offer_models () {
  local i
  _gloss_cli_offer "$(_gloss_cli_list_models "$1")" "$2"
  if ((${#COMPREPLY[@]} == 0)); then
    _gloss_cli_offer_files "$2"
    return 1
  fi
  for i in "${!COMPREPLY[@]}"; do
    case $3 in
      \") COMPREPLY[i]=$(sed 's/[\\"$`]/\\&/g' <<< "${COMPREPLY[i]}") ;;
      \') COMPREPLY[i]=${COMPREPLY[i]//\'/\'\\\'\'} ;;
      *) printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}" ;;
    esac
  done
}

_gloss_cli () {
  local program=${1/#\~/$HOME} line=${COMP_LINE:0:COMP_POINT} command='' option='' value='' i
  local options='' last='' quote='' cur blanks before typed
  local -a words=()

  # Readline breaks words at "=", "@" and ":" too: what no blank separates belongs together.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blanks=${line%%[![:space:]]*}
    line=${line#"$blanks"}
    last=${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || last=$line
    line=${line#"$last"}
    if [[ -n $blanks || ${#words[@]} -eq 0 ]]; then
      words+=("$last")
    else
      words[-1]+=$last
    fi
  done
  value=${words[-1]}
  # What readline takes for the beginning of the word, and does not want to see again.
  [[ $last != [=@:] ]] || last=''
  before=${value%"$last"}

  # What is typed without its quotes; what is written back has them.
  typed=$before
  case $value in
    [\"\']*) quote=${value:0:1} value=${value#?} before=${before#?} typed=$before ;;
    *) value=$(sed 's/\\\(.\)/\1/g' <<< "$value") before=${before//\\/} ;;
  esac

  ((${#words[@]} < 3)) || command=${words[1]}
  case $command in
    '') options='bench caption data eval export finetune inspect models prepare --help --version' ;;
    bench)
      options='--help --shape --model --weights --layout --folder --arithmetic --threads --tokens --repeats
        --train --top-layers --layers --profile --stop --against-torch' ;;
    caption)
      options='--help --model --tokenizer --image-size --task --language --text --prompt
        --start-with --max-tokens --beams --temperature --top-p --seed --kv-cache --arithmetic
        --softcap --resize --save-input --threads --recursive --skip-captioned --files-from --format --with-names
        --no-names --quiet' ;;
    data) options='--help --to --quiet --edited --pictures --model --max-tokens --hold-out --seed --json' ;;
    eval)
      options='--help --model --base --tokenizer --all --limit --edited --validation
        --validation-share --seed --prompt --lower-case --max-tokens --html --threads --json
        --quiet' ;;
    export) options='--help --to --output --merge --type --tokenizer --force --quiet' ;;
    finetune)
      options='--help --model --tokenizer --out --preset --train --top-layers --freeze-stem --rank --alpha
        --projections --optimizer --lr --schedule --warmup --weight-decay --clip-norm
        --label-smoothing --dropout --steps --epochs --batch --micro-batch --max-tokens --prompt
        --lower-case --keep-case --edited --validation --validation-share --eval-steps --captions --snapshot-steps
        --estimate --resume --seed --cache --cache-file --threads --json --quiet' ;;
    inspect) options='--help --values --format' ;;
    models)
      options='--help --format --available --from --tokenizer --name --base --accept-licence
        --trust-endpoint --values --user --quiet' ;;
    prepare) options='--help --output --tokenizer --force --quiet' ;;
  esac

  COMPREPLY=()
  cur=$value
  if [[ $value == --*=* ]]; then
    option=${value%%=*} cur=${value#*=}
  elif ((${#words[@]} > 3)); then
    option=${words[-2]}
  fi
  for i in "${words[@]:2:${#words[@]}-3}"; do
    [[ $i != -- ]] || option=--
  done
  case $command:$option in
    bench:--model | bench:-m | caption:--model | caption:-m | data:--model | data:-m | finetune:--model \
      | finetune:-m | eval:--model | eval:-m | eval:--base | models:--base)
      ! _gloss_cli_offer_models "$program" "$cur" "$quote" || before=$typed ;;
    caption:--tokenizer | caption:--files-from | export:--tokenizer | export:--output | export:-o | \
      finetune:--tokenizer | finetune:--validation \
      | eval:--tokenizer | eval:--validation | eval:--html \
      | models:--tokenizer | prepare:--tokenizer \
      | prepare:--output | prepare:-o)
      _gloss_cli_offer_files "$cur" ;;
    bench:--folder | caption:--save-input | data:--to | finetune:--out | finetune:-o)
      _gloss_cli_offer_files "$cur" folders ;;
    bench:--shape)
      _gloss_cli_offer "$(compgen -W 'paligemma-3b-224 paligemma-3b-448 paligemma-3b-896 paligemma2-3b-224
        paligemma2-3b-448 paligemma2-3b-896 paligemma2-10b-224 paligemma2-28b-224 demo-112')" "$cur" ;;
    bench:--weights) _gloss_cli_offer $'bf16\nf16\nf32' "$cur" ;;
    bench:--layout) _gloss_cli_offer $'prepared\nsource' "$cur" ;;
    bench:--train) _gloss_cli_offer $'attention\nlora\nall' "$cur" ;;
    bench:--threads | bench:--tokens | bench:--repeats | bench:--top-layers | bench:--layers) ;;
    caption:--task | caption:-t)
      _gloss_cli_offer $'caption\ncap\ndescribe\nocr\nanswer\nquestion\ndetect\nsegment' "$cur" ;;
    caption:--language | caption:-l)
      _gloss_cli_offer "$(compgen -W 'ar bn cs da de el en es fa fi fil fr he hi hr hu id it ja ko
        mi nl no pl pt ro ru sv sw te th tr uk vi zh')" "$cur" ;;
    export:--to) _gloss_cli_offer $'npz\nhf\npeft' "$cur" ;;
    export:--type) _gloss_cli_offer $'keep\nf32\nf16\nbf16' "$cur" ;;
    finetune:--preset) _gloss_cli_offer $'quick\nbalanced\nnotebook\nfull' "$cur" ;;
    finetune:--train) _gloss_cli_offer $'attention\nlora\nall' "$cur" ;;
    finetune:--optimizer) _gloss_cli_offer $'sgd\nadam\nadamw' "$cur" ;;
    finetune:--schedule) _gloss_cli_offer $'cosine\nlinear\nconstant' "$cur" ;;
    caption:--kv-cache) _gloss_cli_offer $'f32\nbf16' "$cur" ;;
    bench:--arithmetic | caption:--arithmetic) _gloss_cli_offer $'exact\nfast\nauto' "$cur" ;;
    caption:--resize) _gloss_cli_offer $'bilinear\nbicubic' "$cur" ;;
    caption:--format | caption:-f) _gloss_cli_offer $'text\njson\njsonl' "$cur" ;;
    inspect:--format | inspect:-f | models:--format | models:-f)
      _gloss_cli_offer $'text\njson' "$cur" ;;
    models:--from) _gloss_cli_offer $'kaggle\nhuggingface' "$cur" ;;
    models:--name | models:--user) ;;
    finetune:--top-layers | finetune:--rank | finetune:--alpha | finetune:--projections | \
      finetune:--lr | finetune:--warmup | finetune:--weight-decay | finetune:--clip-norm | \
      finetune:--label-smoothing | finetune:--dropout | finetune:--steps | finetune:--epochs | \
      finetune:--batch | finetune:--micro-batch | finetune:--max-tokens | finetune:--prompt | \
      finetune:--validation-share | finetune:--eval-steps | finetune:--captions | \
      finetune:--snapshot-steps | finetune:--seed | finetune:--cache | finetune:--cache-file | \
      finetune:--threads | \
      finetune:-p | eval:--limit | eval:--validation-share | eval:--seed | eval:--prompt | \
      eval:--max-tokens | eval:--threads | eval:-p) ;;
    caption:--image-size | caption:--text | caption:--prompt | caption:-p | caption:--start-with \
      | caption:--max-tokens | caption:--beams | caption:--temperature | caption:--top-p \
      | caption:--seed | caption:--threads | data:--max-tokens | data:--hold-out | data:--seed) ;;
    *)
      if [[ -z $command || $value == -* && $option != -- ]]; then
        _gloss_cli_offer "$(compgen -W "$options")" "$cur"
      elif [[ $command == inspect || $command == prepare || $command == export ]]; then
        ! _gloss_cli_offer_models "$program" "$cur" "$quote" || before=$typed
      elif [[ $command == caption || $command == eval || $command == finetune ]]; then
        _gloss_cli_offer_files "$cur"
      elif [[ $command == data && ${#words[@]} -eq 3 ]]; then
        _gloss_cli_offer $'pull\ncheck' "$cur"
      elif [[ $command == data && ${words[2]} == check ]]; then
        _gloss_cli_offer_files "$cur"
      elif [[ $command == data ]]; then
        _gloss_cli_offer longcap100 "$cur"
      elif [[ $command == models && ${#words[@]} -eq 3 ]]; then
        _gloss_cli_offer $'list\npull\nimport\nverify\nrm\nlogin\nlogout' "$cur"
      elif [[ $command == models ]]; then
        case ${words[2]} in
          verify | rm) ! _gloss_cli_offer_models "$program" "$cur" "$quote" || before=$typed ;;
          import) _gloss_cli_offer_files "$cur" ;;
          login | logout) _gloss_cli_offer $'kaggle\nhuggingface' "$cur" ;;
          pull)
            _gloss_cli_offer "$("$program" models --available --format json 2> /dev/null \
              | sed -n 's/^    {"name": "\([^"]*\)".*/\1/p')" "$cur" ;;
        esac
      fi ;;
  esac

  [[ $cur == "$value" ]] || COMPREPLY=("${COMPREPLY[@]/#/${value%%=*}=}")
  COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

complete -F _gloss_cli gloss-cli

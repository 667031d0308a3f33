# Completion of gloss-cli for fish. tests/cli/check-man compares the options with --help.

function __gloss_cli_models
    gloss-cli models --format json 2>/dev/null </dev/null \
        | sed -n 's/^    {"name": "\(\([^"\\\\]\|\\\\.\)*\)", "place".*/\1/p' | sed 's/\\\\\(.\)/\1/g'
end

complete -c gloss-cli -n __fish_use_subcommand -f -a caption -d 'Say what is in pictures'
complete -c gloss-cli -n __fish_use_subcommand -f -a inspect -d 'Say what is in a model'
complete -c gloss-cli -n __fish_use_subcommand -f -a models -d 'Say which models there are'
complete -c gloss-cli -n __fish_use_subcommand -f -a prepare -d 'Make a file of a model for Gloss'
complete -c gloss-cli -s h -l help -d 'Show help'
complete -c gloss-cli -n __fish_use_subcommand -s V -l version -d 'Print the version'

complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s m -l model -r -a '(__gloss_cli_models)' -d 'Model'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l tokenizer -r -d 'SentencePiece model'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l image-size -x -d 'Side of what the model sees, in pixels'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s t -l task -x -a 'caption cap describe ocr answer question detect segment' -d 'What to do'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s l -l language -x -a 'ar bn cs da de el en es fa fi fil fr he hi hr hu id it ja ko mi nl no pl pt ro ru sv sw te th tr uk vi zh' -d 'Language of the answer'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l text -x -d 'Text that the task needs'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s p -l prompt -x -d 'What to ask'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l start-with -x -d 'How the answer begins'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l max-tokens -x -d 'Longest answer, in tokens'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l beams -x -d 'Beams of the search'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l temperature -x -d 'Draw tokens by chance'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l top-p -x -d 'Draw only from the likeliest tokens'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l seed -x -d 'Seed of what is drawn'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l kv-cache -x -a 'f32 bf16' -d 'How keys and values are kept'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l softcap -d 'Cap the logits of all tokens'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l resize -x -a 'bilinear bicubic' -d 'How pictures get their size'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l save-input -x -a '(__fish_complete_directories)' -d 'Folder for what the model sees'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l threads -x -d 'Threads that compute'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s r -l recursive -d 'Look into folders of folders'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l skip-captioned -d 'Leave out pictures with a text file beside them'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l files-from -r -d 'Read the names of pictures'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s f -l format -x -a 'text json jsonl' -d 'Form of the output'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s H -l with-names -d 'Print the file before each caption'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -l no-names -d 'Print captions alone'
complete -c gloss-cli -n '__fish_seen_subcommand_from caption' -s q -l quiet -d 'Print no notes'

complete -c gloss-cli -n '__fish_seen_subcommand_from inspect' -a '(__gloss_cli_models)'
complete -c gloss-cli -n '__fish_seen_subcommand_from inspect' -l values -d 'Read all values'
complete -c gloss-cli -n '__fish_seen_subcommand_from inspect' -s f -l format -x -a 'text json' -d 'Form of the output'

complete -c gloss-cli -n '__fish_seen_subcommand_from models' -f
complete -c gloss-cli -n '__fish_seen_subcommand_from models' -s f -l format -x -a 'text json' -d 'Form of the output'

complete -c gloss-cli -n '__fish_seen_subcommand_from prepare' -a '(__gloss_cli_models)'
complete -c gloss-cli -n '__fish_seen_subcommand_from prepare' -s o -l output -r -d 'File to make, or folder for it'
complete -c gloss-cli -n '__fish_seen_subcommand_from prepare' -l tokenizer -r -d 'SentencePiece model'
complete -c gloss-cli -n '__fish_seen_subcommand_from prepare' -l force -d 'Replace what is there'
complete -c gloss-cli -n '__fish_seen_subcommand_from prepare' -s q -l quiet -d 'Print no notes'

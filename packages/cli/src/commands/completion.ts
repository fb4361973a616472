import { Argument, type Command } from 'commander'
import { type Shell, scripts } from '../completion/scripts.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  source <(joinery completion bash)                                           in this shell
  joinery completion bash > /usr/share/bash-completion/completions/joinery    in every shell
  joinery completion zsh > /usr/local/share/zsh/site-functions/_joinery
  joinery completion fish > /etc/fish/completions/joinery.fish
`

export const addCompletion = (program: Command, terminal: Terminal): Command =>
  program
    .command('completion')
    .description('print the script with which a shell completes commands, options and names')
    .addHelpText('before', examples)
    .addArgument(new Argument('<shell>', 'shell that reads the script').choices(Object.keys(scripts)))
    .action((shell: Shell) => terminal.out(scripts[shell]))

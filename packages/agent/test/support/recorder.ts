import type { Exec } from '@joinery/host/exec'

/** An Exec that runs nothing: it keeps every command line, and answers what `answer` gives for it. */
export const recorder = (answer: (command: string) => string | Promise<string> = () => '') => {
  const commands: string[] = []
  const exec: Exec = async (argv) => {
    commands.push(argv.join(' '))
    return answer(argv.join(' '))
  }
  return { commands, exec }
}

/**
 * The commands of the shell block after `<!-- commands: <name> -->` in a Markdown text: a line each, without its comment.
 * Throws where there is no such block: what a document promises must be found to be tested.
 */
export const readmeCommands = (markdown: string, name: string): string[] => {
  const [, block] =
    new RegExp(`^<!-- commands: ${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(markdown) ?? []
  if (block === undefined) throw new Error(`there is no block of commands called ${name}`)
  return commandsOf(block)
}

/** The commands of every shell block, in their order. */
export const allCommands = (markdown: string): string[] =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => commandsOf(block))

const commandsOf = (block: string): string[] =>
  block
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, ''))
    .filter((line) => line !== '')

/** The text of the code block after `<!-- file: <name> -->` in a Markdown text. Throws if there is none. */
export const pageFile = (markdown: string, name: string): string => {
  const marked = markdown.split(`<!-- file: ${name} -->\n`)[1] ?? ''
  const [, text] = /^```\w+\n([\s\S]*?)^```$/m.exec(marked) ?? []
  if (text === undefined || !marked.startsWith('```')) throw new Error(`there is no file called ${name}`)
  return text
}

/** Each shell block of a Markdown text, as it stands there. */
export const shellBlocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)

/** The sentences of a page, without its code blocks, comments and headings. A link counts as its words, code as one word. */
export const sentencesOf = (markdown: string): string[] =>
  blocksOf(markdown.replace(/^```[\s\S]*?^```$/gm, '\n').replace(/<!--[\s\S]*?-->/g, ''))
    .map((block) =>
      block
        .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/`[^`]*`/g, 'CODE')
        .replaceAll('**', '')
    )
    .flatMap((block) => block.split(/(?<=[.?!][)"']?)\s+/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')

/** How many words a sentence has: a dash or another mark that stands alone is none. */
export const wordsOf = (sentence: string): number => sentence.split(/\s+/).filter((word) => /\w/.test(word)).length

/** Paragraphs, list items and cells of tables. */
const blocksOf = (markdown: string): string[] => {
  const blocks: string[] = []
  let block: string[] = []
  const end = (): void => {
    blocks.push(block.join(' '))
    block = []
  }
  for (const line of markdown.split('\n')) {
    const item = /^\s*(?:[-*]|\d+\.)\s+/.exec(line)?.[0]
    if (/^\s*$|^#/.test(line)) end()
    else if (line.startsWith('|')) {
      end()
      blocks.push(...line.split(/(?<!\\)\|/))
    } else {
      if (item !== undefined) end()
      block.push(line.slice(item?.length ?? 0).trim())
    }
  }
  end()
  return blocks
}

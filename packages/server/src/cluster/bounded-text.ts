/** Bytes that are kept of a text of the cluster: a kubelet may write there what it likes, as much as an object may hold. */
const kept = 1024

const mark = '...'

/** The text, cut at 1 KB: between two characters, and with a mark that it was. */
export const boundedText = (text: string): string => {
  const bytes = Buffer.from(text.slice(0, kept + 1))
  if (bytes.length <= kept) return text
  // a character that is cut in two is held back
  return new TextDecoder().decode(bytes.subarray(0, kept - mark.length), { stream: true }) + mark
}

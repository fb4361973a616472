/** `text` as one word of a shell, whatever it holds; as it is where that is one already. */
export const shellWord = (text: string): string =>
  /^(-[\w.:/@%+,=-]*|[\w.:/@%+,-]+)$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

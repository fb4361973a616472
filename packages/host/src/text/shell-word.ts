/** `text` as one word of a shell, whatever it holds. It stays as it is if it is one already. */
export const shellWord = (text: string): string =>
  /^(-[\w.:/@%+,=-]*|[\w.:/@%+,-]+)$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The same data in JSON, all of it ASCII: what a machine sent cannot steer the terminal that shows it. */
export const toJson = (data: unknown): string =>
  `${JSON.stringify(data, undefined, 2).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )}\n`

/** The data in JSON, all of it ASCII, so that text from a machine cannot steer the terminal that shows it. */
export const toJson = (data: unknown): string => `${asciiJson(JSON.stringify(data, undefined, 2))}\n`

/**
 * The same JSON, only in ASCII. C1 control characters and characters that turn the direction of text are escaped as
 * all others are.
 */
export const asciiJson = (json: string): string =>
  json.replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

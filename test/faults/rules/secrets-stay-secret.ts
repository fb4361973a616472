import type { History } from '../history.ts'

/** Codes and secrets of tokens are in no line of the log, and not in the store. */
export const secretsStaySecret = ({ secrets, written }: History): string[] =>
  secrets.flatMap((secret, at) =>
    written.some((text) => text.includes(secret)) ? [`secret ${at}, ${secret.slice(0, 6)}..., is written down`] : []
  )

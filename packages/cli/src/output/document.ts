import { toJson } from '@joinery/host/text/json'
import type { Session } from '../session/session.ts'
import { toYaml } from './yaml.ts'

/** Prints `answer` if the output is for a program, and returns whether it did. `names` gives the text of `-o name`. */
export const printDocument = (
  session: Session,
  answer: unknown,
  names: () => readonly string[] = () => []
): boolean => {
  const text = documentText(session, answer, names)
  if (text !== undefined) session.terminal.out(text)
  return text !== undefined
}

/** The text for a program. Undefined if the output is for people. */
export const documentText = (
  { format }: Pick<Session, 'format'>,
  answer: unknown,
  names: () => readonly string[] = () => []
): string | undefined => {
  if (format === 'json') return toJson(answer)
  if (format === 'yaml') return toYaml(answer)
  return format === 'name' ? lines(names()) : undefined
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')

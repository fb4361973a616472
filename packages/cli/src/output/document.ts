import { toJson } from '@joinery/host/text/json'
import type { Session } from '../session/session.ts'
import { toYaml } from './yaml.ts'

/** Prints `answer` where a program is to read it, and says whether it did. `names` gives what `-o name` prints. */
export const printDocument = (
  session: Session,
  answer: unknown,
  names: () => readonly string[] = () => []
): boolean => {
  const text = documentText(session, answer, names)
  if (text !== undefined) session.terminal.out(text)
  return text !== undefined
}

/** What a program is to read; undefined where the output is for people. */
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

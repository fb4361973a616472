import type { SeenEnrolment } from '../../operator-client.ts'

/** Rows with one line for each gate of a code, or of the enrolment by it. */
export const gateRows = ({ readyWhen = [] }: Pick<SeenEnrolment, 'readyWhen'>): string[][] =>
  titled('Ready when:', readyWhen)

/** Rows with one line for each thing that is missing until the Node is in service. */
export const notYetRows = ({ notYet = [] }: Pick<SeenEnrolment, 'notYet'>): string[][] => titled('Not yet:', notYet)

const titled = (title: string, texts: readonly string[]): string[][] =>
  texts.map((text, number) => [number === 0 ? title : '', text])

import { ProblemError } from '@joinery/protocol'

/** Of the state folder, where the store is. */
export const diskFull = (cause?: Error): ProblemError =>
  new ProblemError(
    'store-full',
    { detail: 'the disk is full', remedy: 'make room on the disk of the state folder' },
    { cause }
  )

import { ProblemError } from '@joinery/protocol'

/** The disk that holds the state folder, and so the store, is full. */
export const diskFull = (cause?: Error): ProblemError =>
  new ProblemError(
    'store-full',
    { detail: 'the disk is full', remedy: 'make room on the disk of the state folder' },
    { cause }
  )

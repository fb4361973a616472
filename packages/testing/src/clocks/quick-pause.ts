import type { Sending } from '@joinery/kube'
import { shortSleep } from './short-sleep.ts'

/** A pause between two watches that lasts a fiftieth of its time: the order of pauses stays, and tests of them take no seconds. */
export const quickPause: NonNullable<Sending['pause']> = (milliseconds, signal) =>
  shortSleep(milliseconds / 50, { ref: false })(milliseconds, signal)

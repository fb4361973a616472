import { fingerprintDigits } from '@joinery/protocol'
import { InvalidArgumentError } from 'commander'

/** Digits of a key in any printed form. Throws below 80 bits: with fewer, a stranger can make a second such key. */
export const parseFingerprint = (text: string): string => {
  const digits = fingerprintDigits(text)
  if (digits !== undefined) return digits
  throw new InvalidArgumentError(
    "give the key as the machine's console or joinery show prints it: at least 20 hex digits."
  )
}

import { fingerprintDigits } from '@joinery/protocol'
import { InvalidArgumentError } from 'commander'

/** Gives the digits of a key in any form in which one is shown; with less than 80 bits a stranger can make another one. */
export const parseFingerprint = (text: string): string => {
  const digits = fingerprintDigits(text)
  if (digits !== undefined) return digits
  throw new InvalidArgumentError(
    "give the key as the machine's console or joinery show prints it: at least 20 hex digits."
  )
}

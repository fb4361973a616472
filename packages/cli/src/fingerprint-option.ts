import { InvalidArgumentError } from 'commander'

/** Only whole fingerprints: a stranger can make a key that has the short form of another. */
export const parseFingerprint = (text: string): string => {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text
  throw new InvalidArgumentError('give the whole fingerprint, sha256: and 64 hex digits, as joinery show prints it.')
}

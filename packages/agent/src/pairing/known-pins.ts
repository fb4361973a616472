import { given } from '@joinery/protocol/given'

/** The pins that a person wrote into the configuration. */
export interface ConfiguredPins {
  pin: string
  nextPin?: string | undefined
}

/** A next pin, and the text by which the CA before it names it. */
export interface SignedNext {
  pin: string
  text: string
}

/** The pins by which an agent knows its server, beside those of the configuration. */
export interface KnownPins {
  /** Pin of the present CA. */
  pin: string
  /** Next pin as the present CA named it last. */
  next?: SignedNext
  /** Next pin of the configuration that the server does not name. It counts no more. */
  denied?: string
}

/** Word of a server on the next pin. `none`: no other CA comes. `nothing`: an earlier server, which signs no statement. */
export type PinWord = SignedNext | 'none' | 'nothing'

/** The next pin. That of the configuration counts until a server says otherwise, and only beside the pin of the configuration. */
export const nextPinOf = ({ pin, next, denied }: KnownPins, configured: ConfiguredPins): string | undefined => {
  if (next !== undefined) return next.pin
  const { nextPin } = configured
  return pin === configured.pin && nextPin !== pin && nextPin !== denied ? nextPin : undefined
}

/** The known pins after a server has proven to have the key of this one. The same object if nothing changes. */
export const afterMeeting = (known: KnownPins, pin: string, configured: ConfiguredPins): KnownPins =>
  pin === nextPinOf(known, configured) ? { pin } : known

/** The known pins after a server with the present key has said this. A next pin that it does not name counts no more. */
export const afterWord = (known: KnownPins, word: PinWord, configured: ConfiguredPins): KnownPins => {
  const { pin, denied } = known
  if (word === 'nothing') return { pin, ...given({ denied }) }
  if (word !== 'none' && word.pin !== pin) return { pin, next: word }
  return { pin, ...given({ denied: nextPinOf({ pin }, configured) }) }
}

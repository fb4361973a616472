import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { escapeText } from '@joinery/protocol'

/** Longest line of evidence, longest sentence and longest line of a remedy that the protocol takes, in characters. */
const longest = { line: 512, text: 256 } as const

/**
 * A line of a journal or of a container's log as it may be shown and sent: without secrets, without what differs each time, on one
 * line, printable and cut.
 */
export const evidenceLine = (line: string): string => cut(escapeText(maskSecrets(plainLine(line))), longest.line)

/** A sentence within the limit of the protocol. */
export const sentence = (text: string): string =>
  cut(escapeText(maskSecrets(text).replace(/\s+/g, ' ').trim()), longest.text)

/** The line without the time and the process of klog, and without containerd's time. The same error is the same line then. */
export const plainLine = (line: string): string =>
  line
    .replace(/^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ (?=\S+\.go:\d+\] )/, '')
    .replace(/^time="[^"]*" /, '')
    .trim()

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 3)}...`)

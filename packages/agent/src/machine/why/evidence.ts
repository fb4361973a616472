import { escapeText } from '@joinery/protocol'
import { redact } from '../../program/redact.ts'

/** Longest line of evidence, longest sentence and longest line of a remedy that the protocol takes, in characters. */
const longest = { line: 512, text: 256 } as const

/**
 * A line of a journal or of a container's log as it may be shown and sent: without secrets, without what differs each time, on one
 * line, printable and cut.
 */
export const evidenceLine = (line: string): string => cut(escapeText(redactLine(plainLine(line))), longest.line)

/** A sentence within the limit of the protocol. */
export const sentence = (text: string): string =>
  cut(escapeText(redactLine(text).replace(/\s+/g, ' ').trim()), longest.text)

/** The line without the time and the process of klog, and without containerd's time. The same error is the same line then. */
export const plainLine = (line: string): string =>
  line
    .replace(/^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ (?=\S+\.go:\d+\] )/, '')
    .replace(/^time="[^"]*" /, '')
    .trim()

/**
 * Hides everything that looks like a secret: bootstrap tokens, JSON web tokens, private keys, passwords in URLs, and values of
 * fields that are called like one.
 */
const redactLine = (text: string): string =>
  redact(text)
    .replace(/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '<secret>')
    .replace(/\/\/[^\s/:@"]+:[^\s/@"]+@/g, '//<secret>@')
    .replace(/-----BEGIN [^-]*PRIVATE KEY-----.*/g, '<secret>')
    // the lines of a key, or of anything else that nobody reads
    .replace(/^\s*[A-Za-z0-9+/]{40,}={0,2}\s*$/, '<secret>')
    .replace(
      /\b(authorization|password|passwd|secret|token|api[-_]?key)("?\s*[=:]\s*"?)(?:(?:bearer|basic)\s+)?(?=[^\s",;]*\d|[^\s",;]{16})[^\s",;]{6,}/gi,
      '$1$2<secret>'
    )

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 3)}...`)

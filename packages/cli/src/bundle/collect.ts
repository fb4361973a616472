import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { escapeText } from '@joinery/protocol'

/** A file of a bundle that is to be read. */
export interface Source {
  name: string
  /** Description of the file in a few words. */
  about: string
  /** Reads the text. Rejects if this user may not, or there is none. */
  read(): Promise<string>
}

export interface BundleFile {
  name: string
  about: string
  text: string
  /** True if the text was longer than a file may be. */
  cut: boolean
}

/** A file that is not in the bundle. */
export interface Missing {
  name: string
  why: string
}

export interface Collected {
  files: BundleFile[]
  missing: Missing[]
}

/** Limits of a bundle: of a file and of all of them in characters, and of the time until the last one is begun. */
export interface BundleLimits {
  file: number
  all: number
  milliseconds: number
}

export const bundleLimits: BundleLimits = { file: 1_000_000, all: 16_000_000, milliseconds: 60_000 }

/**
 * Reads the sources one after the other, without secrets. A source that cannot be read is no error: the bundle is for somebody for
 * whom something does not work. `more` are the sources that follow from what was read.
 */
export const collect = async (
  sources: readonly (Source | (() => readonly Source[]))[],
  now: () => Date,
  limits: BundleLimits = bundleLimits
): Promise<Collected> => {
  const begun = now().getTime()
  const files: BundleFile[] = []
  const missing: Missing[] = []
  const left = (): number => limits.all - files.reduce((sum, { text }) => sum + text.length, 0)
  const take = async ({ name, about, read }: Source): Promise<void> => {
    if (now().getTime() - begun >= limits.milliseconds) {
      missing.push({ name, why: `not read: the others took ${limits.milliseconds / 1000} seconds` })
      return
    }
    try {
      const whole = maskSecrets(await read())
      const room = Math.min(limits.file, left())
      if (room <= 0) missing.push({ name, why: 'left out: the bundle would be too large' })
      else files.push({ name, about, text: whole.slice(0, room), cut: whole.length > room })
    } catch (error) {
      missing.push({ name, why: reason(error) })
    }
  }
  for (const source of sources) {
    for (const one of typeof source === 'function' ? source() : [source]) await take(one)
  }
  return { files, missing }
}

/** One line, without secrets. */
const reason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  return escapeText(
    maskSecrets(text)
      .trim()
      .replace(/\s*\n\s*/g, '; ')
  ).slice(0, 500)
}

import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { parseConfig } from '@joinery/host/config-file'
import { escapeText } from '@joinery/protocol'
import { InstallationView } from '@joinery/protocol/door'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { exitCodes } from '../../terminal/errors.ts'

/** A project's file, which may lie in Git: a pin is no secret. */
const Project = Type.Object({ pin: InstallationView.properties.pin }, { additionalProperties: false })

/** A pin that the operator has named, and the place of it. */
export interface NamedPin {
  pin: string
  by: string
}

/** Places where an operator names a pin. */
export interface PinPlaces {
  /** JOINERY_PIN of the environment. */
  environment?: string | undefined
  /** Path of the project's file. */
  project?: string | undefined
}

/** The pin of the environment, else that of the project's file. Throws for one that is no pin: whoever wrote it means to be safe. */
export const namedPin = async ({ environment, project }: PinPlaces): Promise<NamedPin | undefined> => {
  if (environment) return { pin: requirePin(environment, 'JOINERY_PIN'), by: 'JOINERY_PIN' }
  const text = project === undefined ? undefined : await readIfThere(project)
  if (project === undefined || text === undefined) return undefined
  const parsed = parseConfig(Project, text)
  if ('value' in parsed) return { pin: parsed.value.pin, by: project }
  const cause = `${project} names no pin: ${escapeText(parsed.problems[0]?.text ?? '')}`
  throw new CommandEnd(exitCodes.usage, cause, wholePin('it has one line, pin: sha256:...'))
}

/** The pin in a text that an operator typed for `place`. Throws if it is not a whole one. */
export const requirePin = (text: string, place: string): string => {
  if (Value.Check(InstallationView.properties.pin, text)) return text
  throw new CommandEnd(exitCodes.usage, `the pin of ${place} is not a whole one`, wholePin('give it'))
}

const wholePin = (what: string): string => `${what} as sudo joinery status on the host of the pairing server prints it`

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandEnd(exitCodes.usage, `cannot read ${path}: ${(error as Error).message}`)
  }
}

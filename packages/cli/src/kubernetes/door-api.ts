import { CommandEnd } from '@joinery/host/command-end'
import { answerOf, type Connection } from '@joinery/kube'
import type { Resource } from '@joinery/kube/door'
import type { Static, TSchema } from 'typebox'
import { exitCodes } from '../terminal/errors.ts'
import { explainAnswer, setupRemedy } from './explain-answer.ts'
import { fitting, kindOf } from './objects.ts'

/** Calls to the API server with the operator's own rights. Each one throws `CommandEnd` in plain words. */
export class DoorApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get server(): string {
    return this.#connection.server
  }

  /** Makes one call. */
  async call<T>(work: (api: Connection) => Promise<T>): Promise<T> {
    try {
      return await work(this.#connection)
    } catch (error) {
      throw await explainAnswer(error, this.server)
    }
  }

  /** Watches by the connection. Its errors are for the caller, who can mend some. */
  watch(work: (api: Connection) => Promise<void>): Promise<void> {
    return work(this.#connection)
  }

  /** Makes one call about the object of this name. Undefined if there is no such object. */
  async ifThere<T>(name: string, work: (api: Connection) => Promise<T>): Promise<T | undefined> {
    return this.call(async (api) => {
      try {
        return await work(api)
      } catch (error) {
        const answer = answerOf(error)
        // without a name the answer is about the whole kind
        if (answer?.code === 404 && answer.name === name) return undefined
        throw error
      }
    })
  }

  /** Reads an object of `joinery.dev`. Undefined if there is none. Throws if it does not fit its schema. */
  async read<T extends TSchema>(plural: Resource, name: string, schema: T): Promise<Static<T> | undefined> {
    const object: unknown = await this.ifThere(name, ({ custom }) =>
      custom.getClusterCustomObject({ ...kindOf(plural), name })
    )
    if (object === undefined) return undefined
    const fits = fitting(schema, object)
    if (fits !== undefined && isNamed(fits, name)) return fits
    throw new CommandEnd(
      exitCodes.failure,
      `${name} of ${plural}.joinery.dev does not fit: another version wrote it, or somebody who is not the pairing server`,
      `see whether joinery is as new as the server; if it is: ${setupRemedy}`
    )
  }
}

const isNamed = (object: unknown, name: string): boolean => {
  const { metadata } = object as { metadata?: { name?: unknown } }
  return metadata?.name === name
}

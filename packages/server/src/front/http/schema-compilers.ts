import AjvCompiler from '@fastify/ajv-compiler'
import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

/** Options that take a request as it is, or refuse it: nothing in it is converted or left out. */
const ajv: FastifyServerOptions['ajv'] = { customOptions: { coerceTypes: false, removeAdditional: false } }

/** Makes a compiler of schemas from the options of an app. */
type Factory = (...options: never[]) => (route: never) => unknown

/**
 * Compiles each schema once in the life of the process. Compiling is a fourth of the work of starting a server, and a
 * process that starts several (a test, the demo) has the same schemas each time. All apps have the same options, so
 * they are not in the key.
 */
const once = <F extends Factory>(factory: F): F => {
  const known = new WeakMap<object, unknown>()
  const make: Factory = (...options) => {
    const compile = factory(...options)
    return (route: { schema: object }) => {
      const compiled = known.get(route.schema) ?? compile(route as never)
      known.set(route.schema, compiled)
      return compiled
    }
  }
  return make as F
}

/** Options of every app for its schemas. */
export const schemaCompilers = {
  ajv,
  schemaController: {
    compilersFactory: { buildValidator: once(AjvCompiler()), buildSerializer: once(SerializerSelector()) }
  }
} satisfies FastifyServerOptions

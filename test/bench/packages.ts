import { statSync } from 'node:fs'
import { packageOf } from '../cluster/product.ts'
import { type Figure, round } from './figure.ts'

/** Of the packages that `pnpm package` built. */
export const packageSizes = async (): Promise<Figure[]> => [
  size('agent package', packageOf('joinery-agent'), 32),
  size('command package', packageOf('joinery'), 40),
  size('server package', packageOf('joinery-server'))
]

const size = (name: string, file: string, limit?: number): Figure => {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size
  if (bytes === undefined) return { name, measured: 'not measured: pnpm package makes it', target: '' }
  const megabytes = bytes / 1e6
  const measured = `${round(megabytes)} MB with its Node runtime`
  return limit === undefined
    ? { name, measured, target: '' }
    : { name, measured, target: `<= ${limit} MB`, met: megabytes <= limit }
}

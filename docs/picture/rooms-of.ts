import { arrowsOf, roomOf } from '../../test/layout/rooms.ts'
import type { Source } from '../../test/layout/sources.ts'
import type { Room } from './rooms-picture.ts'

/** The rooms of the server, without its faces for tests, and what they import. */
export const roomsOf = (sources: readonly Source[]): Room[] => {
  const own = sources.filter(({ file, name }) => name === 'server' && roomOf(file) !== 'testing')
  const arrows = arrowsOf(own)
  return [...new Set(own.map(({ file }) => roomOf(file)))]
    .map((name) => ({
      name,
      imports: [...new Set(arrows.filter(({ from }) => from === name).map(({ to }) => to))].sort()
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

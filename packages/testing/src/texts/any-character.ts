import { fc } from '../chance/drawn.ts'

const [surrogates, count] = [0xd800, 0x800]

/**
 * Any Unicode character but a surrogate, as a unit of `fc.string`. It is `unit: 'binary'`, for which fast-check fills a
 * map of all 1.1 million characters in each process: a second of CPU time, and memory to collect later.
 */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - count }).map(
  (index) => String.fromCodePoint(index < surrogates ? index : index + count),
  (character) => {
    const point = typeof character === 'string' ? character.codePointAt(0) : undefined
    if (point === undefined || String.fromCodePoint(point) !== character) throw new Error('not one character')
    return point < surrogates ? point : point - count
  }
)

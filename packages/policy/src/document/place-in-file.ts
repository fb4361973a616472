import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'

/** Place in a file, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Finds places in the text of a policy. The text has no error of YAML. */
export class Places {
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #contents: unknown

  constructor(text: string) {
    this.#text = text
    this.#contents = parseDocument(text, { lineCounter: this.#lines }).contents
  }

  /** Place of the key, or of the item, with this path. The beginning of the file if it is not there. */
  of(...path: readonly (string | number)[]): Place {
    return this.#at(this.#offsets(path)?.key ?? 0)
  }

  /** Place in the file of a place in a text: exact if the file has that line of the text as it is. */
  within(path: readonly (string | number)[], value: string, { line, column }: Place): Place {
    const offsets = this.#offsets(path)
    if (offsets?.value === undefined) return this.of(...path)
    let from = offsets.value
    let found = -1
    for (const one of value.split('\n').slice(0, line)) {
      found = this.#text.indexOf(one, from)
      if (found === -1) return this.#at(offsets.value)
      from = found + one.length
    }
    return this.#at(found + column - 1)
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  #offsets(path: readonly (string | number)[]): { key: number; value: number | undefined } | undefined {
    let node = this.#contents
    let key: number | undefined
    for (const step of path) {
      if (isSeq(node)) {
        node = node.items[Number(step)]
        key = startOf(node) ?? key
        continue
      }
      const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === step) : undefined
      if (pair === undefined) return key === undefined ? undefined : { key, value: undefined }
      key = startOf(pair.key) ?? key
      node = pair.value
    }
    return key === undefined ? undefined : { key, value: startOf(node) }
  }
}

const startOf = (node: unknown): number | undefined =>
  isMap(node) || isScalar(node) || isSeq(node) ? node.range?.[0] : undefined

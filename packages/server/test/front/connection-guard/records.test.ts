import t from 'tap'
import { RecordReader } from '../../../src/front/connection-guard/guarded-socket.ts'

const record = (length: number) =>
  Buffer.concat([Buffer.from([23, 3, 3, length >> 8, length & 255]), Buffer.alloc(length)])

t.test('records are counted where they begin, however they are cut', async (t) => {
  const sent = Buffer.concat([22, 0, 300, 16_401, 22].map(record))
  for (const piece of [1, 2, 3, 4, 5, 7, 27, 1000, sent.length]) {
    const reader = new RecordReader(100)
    let [many, cost] = [0, 0]
    for (let at = 0; at < sent.length; at += piece) {
      const read = reader.read(sent.subarray(at, at + piece))
      many += read.many
      cost += read.cost
    }
    t.same({ many, cost }, { many: 5, cost: 100 + 100 + 305 + 16_406 + 100 }, `pieces of ${piece} bytes`)
  }
})

t.test('a record costs all of its bytes as soon as its head has said how many', async (t) => {
  const reader = new RecordReader(100)
  t.same(reader.read(record(1000).subarray(0, 4)), { many: 0, cost: 0 })
  t.same(reader.read(record(1000).subarray(4, 6)), { many: 1, cost: 1005 })
  t.same(reader.read(record(1000).subarray(6)), { many: 0, cost: 0 })
})

import { writeSync } from 'node:fs'
import { sqliteStore } from '@joinery/server/testing/store'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'

/** Commits pairs and prints the id of each after it was acknowledged, until somebody kills it. Argument: the file. */
const store = sqliteStore(process.argv[2] ?? '')
for (let count = 0; count < 100_000; count += 1) {
  const id = `id-${count}`
  const decided = { uid: id, result: 'applied', message: '', at: '2026-01-01T00:00:00.000Z' } as const
  const result = await store.commit({ codes: [aCode(id)], enrolments: [anEnrolment(id)], decided })
  if (result === 'committed') writeSync(1, `${id}\n`)
}

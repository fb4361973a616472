/** The part of the vocabulary that a page in a browser can load: no schemas, and nothing of Node. */
export * from './api/join-stages.ts'
export * from './enrolment.ts'
export * from './machine/check-remedies.ts'
export * from './state-questions.ts'
export * from './words/ages.ts'
export * from './words/durations.ts'
export * from './words/etcd-tolerance.ts'
export * from './words/names.ts'

export * from './code-object.ts'
export * from './decision.ts'
export * from './enrolment-view.ts'
export * from './installation.ts'

export { createContainer } from '../program/container.ts'
export { type Running, serve } from '../program/serve.ts'

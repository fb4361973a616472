export { executors } from '../steps/executors.ts'

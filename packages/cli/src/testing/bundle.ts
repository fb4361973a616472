export { collect } from '../bundle/collect.ts'

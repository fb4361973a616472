export { pagePolicy } from '../console/assets.ts'

export { cloudInit, hasPackage } from '../code/cloud-init.ts'

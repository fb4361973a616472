export { cloudInit, hasPackage } from '../code/cloud-init.ts'
export { agentUnit, kubernetesUnit } from '../code/install-unit.ts'

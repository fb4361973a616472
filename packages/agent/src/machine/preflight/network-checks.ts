import { apiEndpoint } from './api-endpoint.ts'
import type { PreflightCheck } from './check.ts'
import type { PreflightInput } from './preflight-input.ts'

/** What a join needs of the network around the machine, in the order in which it is reported. */
export const networkChecks = ({ apiEndpoint: endpoint }: PreflightInput): PreflightCheck[] => [apiEndpoint(endpoint)]

import type { ApiDesk } from '../api-desk.ts'
import type { Bed } from '../bed/bed.ts'
import type { Product } from '../product.ts'

/** One control plane that `joinery-server setup` has set up. Each theme leaves it as it was, but for users and what ended. */
export interface ContractSite {
  bed: Bed
  product: Product
  api: ApiDesk
}

/** An owner that nobody's object may have. */
export const owner = { apiVersion: 'v1', kind: 'Node', name: 'none', uid: '0a1b2c3d-0000-0000-0000-000000000000' }

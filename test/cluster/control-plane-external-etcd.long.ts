import { controlPlaneJourney } from './control-plane-journey.ts'

await controlPlaneJourney({ credential: 'token', etcd: 'external' })

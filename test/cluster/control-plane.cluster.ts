import { controlPlaneJourney } from './control-plane-journey.ts'

await controlPlaneJourney('token')

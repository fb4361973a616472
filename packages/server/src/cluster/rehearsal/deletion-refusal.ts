import { controlPlaneLabels, type Labels } from '@joinery/protocol'

/** Why the admission policy `joinery-node-deletions` refuses to delete the Node; undefined where it does not. */
export const deletionRefusal = (
  { name, labels }: { name: string; labels: Labels },
  banned: ReadonlyMap<string, string>
): string | undefined => {
  if (controlPlaneLabels.some((label) => label in labels)) return 'Joinery deletes workers only'
  return banned.has(name) ? undefined : 'Joinery deletes no Node whose name is not banned'
}

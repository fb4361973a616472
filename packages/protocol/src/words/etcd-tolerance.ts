/** Losses that a stacked etcd with this number of voting members tolerates. */
export const toleranceOf = (members: number): string => {
  if (members === 1) return 'one stacked etcd member tolerates no loss: if it is down, the API stops; add two more soon'
  if (members === 2) {
    return 'two stacked etcd members tolerate no loss: if either is down, the API stops; add a third soon'
  }
  const bears = Math.floor((members - 1) / 2)
  return members % 2 === 0
    ? `${members} stacked etcd members tolerate the loss of ${bears}, as ${members - 1} do: add another one soon`
    : `${members} stacked etcd members tolerate the loss of ${bears}`
}

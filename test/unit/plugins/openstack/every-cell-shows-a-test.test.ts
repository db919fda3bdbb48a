// Claim: each cell of the matrix of servers and volumes names a test that is there and says what it shows.
import { showsEveryCell } from '../../../support/matrix-cells.ts'

const kept = ['snapshot', 'backup', 'snapshot restore', 'backup restore', 'snapshot remove', 'backup remove']

describe('every cell of the OpenStack matrix', () => {
  showsEveryCell('openstack', { server: ['suspend', 'resume', 'file systems', ...kept], volume: kept })
})

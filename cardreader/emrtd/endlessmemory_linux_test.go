package emrtd_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var tellMemory = flag.Bool("tell-memory", false, "print what this process took of memory at most")

// mostMemory is what reading cards that do not end may take, of a whole process.
const mostMemory = 64 << 10 // in KiB

// TestMemoryOfEndlessCards reads and inspects all of them in a process of their
// own, and asks the kernel how large that became.
func TestMemoryOfEndlessCards(t *testing.T) {
	if *tellMemory {
		TestEndlessCards(t)
		TestEndlessFiles(t)
		status, err := os.ReadFile("/proc/self/status")
		require.NoError(t, err)
		fmt.Printf("%s\n", regexp.MustCompile(`VmHWM:.*`).Find(status))
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)
	out, err := exec.Command(self, "-test.run", "^TestMemoryOfEndlessCards$", "-tell-memory").CombinedOutput()
	require.NoError(t, err, "%s", out)
	found := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(out)
	require.NotNil(t, found, "%s", out)
	most, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	assert.Less(t, most, mostMemory, "KiB")
	t.Logf("%d cards without end, read and inspected in one process of %d KiB", len(endless), most)
}

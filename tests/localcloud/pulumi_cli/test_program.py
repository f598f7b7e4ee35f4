"""What is left of an inline program when the engine has ended before it."""

import asyncio
from pathlib import Path
from threading import Event, Thread

from localcloud.pulumi_cli.program import InlineProgram


def test_a_loop_that_the_sdk_leaves_open_is_closed_also_if_it_works_on_for_seconds(
    tmp_path: Path,
) -> None:
    loop = asyncio.new_event_loop()
    (tmp_path / "__main__.py").write_text("")
    program, declared = InlineProgram(tmp_path), Event()

    async def run() -> None:
        program()
        declared.set()
        await asyncio.sleep(1.5)

    left_open = Thread(target=loop.run_until_complete, args=(run(),))
    with program.running():
        left_open.start()
        declared.wait()

    assert loop.is_closed()
    left_open.join()

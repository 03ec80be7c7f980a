"""A picture of one's own: how it becomes 28 x 28, and what the run's network says of it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossviz.charts import probabilities as probability_chart
from lossviz.charts.pictures import Bytes, enlarged
from lossviz.training import weights
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.own_picture import ENDINGS, MOST_BYTES, OwnPicture, OwnPictureError, read_picture
from lossviz.training.trained_network import Answer, ask
from lossviz.training.weights import WeightsError
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart
from lossviz.ui.training.run_view import title
from lossviz.ui.training.state import TrainingState

_UPLOAD, _CAMERA = "Upload", "Camera"
_ALT = "A bar for each class: the probability that the network gives it for your picture, written at the bar's end."


@st.fragment
def own_picture_part(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    """Upload a picture or photograph one; the steps to 28 x 28, and the answer of the run's network."""
    if snapshot.result is None or not snapshot.result.artefacts.get(weights.ARTEFACT):
        st.info("This run left no weights, so its network cannot be asked. Train again.")
        return
    st.markdown(
        f"One garment, filling the picture, on a plain background. The network knows {plain(title(snapshot))} alone: "
        "light on black, seen from the front, 28 × 28 pixels. What it has never seen it calls by one of ten names all "
        "the same."
    )
    way_key = "training/own/way"
    st.session_state[way_key] = state.kept.get("own/way", _UPLOAD)

    def chosen() -> None:
        state.kept["own/way"] = st.session_state[way_key]

    way = st.segmented_control(
        "Where the picture comes from",
        [_UPLOAD, _CAMERA],
        key=way_key,
        required=True,
        on_change=chosen,
        label_visibility="collapsed",
    )
    if way == _CAMERA:
        # Not shown until it is asked for: the browser wants a permission.
        sent = st.camera_input("A photograph of a garment", key="training/own/photograph", width=420)
    else:
        sent = st.file_uploader(
            "A picture of a garment",
            ENDINGS,
            key="training/own/file",
            max_upload_size=MOST_BYTES // 1_000_000,
        )
    st.caption("It is read in this server's memory and not kept.")
    if sent is None:
        return
    try:
        own = read_picture(sent.getvalue())
    except OwnPictureError as refused:
        st.warning(plain(str(refused)), icon=":material/hide_image:")
        return
    _steps(own)
    path = jobs.artefact(snapshot.run_id, weights.ARTEFACT)
    if path is None:
        st.info("The weights of this run are not there any more. Train again.")
        return
    try:
        with st.spinner("Asking the network", show_time=False):
            answer = ask(snapshot.settings, path, own.image)
    except WeightsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _answer(answer, snapshot)


def _steps(own: OwnPicture) -> None:
    st.image(
        [_apart(step.pixels) for step in own.steps],
        caption=[f"{place}. {step.title}" for place, step in enumerate(own.steps, start=1)],
        width=150,
        alt=[f"Your picture, step {place}: {step.title}" for place, step in enumerate(own.steps, start=1)],
    )
    st.caption(
        "  \n".join(
            f"{place}\\. **{plain(step.title)}.** {plain(step.text)}"
            for place, step in enumerate(own.steps, start=1)
        )
    )
    for note in own.notes:
        st.info(plain(note), icon=":material/info:")


def _answer(answer: Answer, snapshot: RunSnapshot) -> None:
    trained_on = plain(title(snapshot))
    if answer.probabilities is not None:
        place = int(answer.probabilities.argmax())
        st.markdown(
            f"The network, trained on {trained_on}, says **{CLASS_NAMES[place]}** "
            f"({wording.percent(float(answer.probabilities[place]))})."
        )
        chart(
            probability_chart.spec(CLASS_NAMES),
            probability_chart.datasets(CLASS_NAMES, answer.probabilities.tolist(), -1),
            _ALT,
        )
    elif answer.picture is not None:
        st.image(
            enlarged(answer.picture, 8),
            caption=f"Drawn again by the network, trained on {title(snapshot)}",
            width=150,
            alt="Your picture as the network draws it again",
        )
    elif answer.point is not None:
        x, y = (float(value) for value in answer.point)
        st.markdown(
            f"The network, trained on {trained_on}, puts it at **({x:.2f}, {y:.2f})** on its plane. It gives points, "
            "no classes."
        )


def _apart(pixels: Bytes) -> Bytes:
    """A picture in a see-through square, framed, with room to its neighbours."""
    height, width = pixels.shape[:2]
    times = max(1, 448 // max(height, width))
    colours = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    large = colours.repeat(times, axis=0).repeat(times, axis=1)
    height, width = large.shape[:2]
    side = max(height, width)
    gap, line = side // 10, max(1, side // 150)
    square = np.zeros((side + gap, side + gap, 4), np.uint8)
    field = square[(side - height) // 2 :, (side - width) // 2 :][: height + 2 * line, : width + 2 * line]
    field[...] = (128, 128, 128, 255)
    field[line : line + height, line : line + width, :3] = large
    return square

"""Blender's side: materials, lights, and one render to a linear float picture."""
import math
import os
import tempfile

import bpy
import numpy as np

from .places import HEIGHT, WIDTH

# name: (colour, roughness, metallic, coat)
MATERIALS = {
    "black": ((.012, .012, .013), .5, 0, 0), "arch": ((.006, .006, .006), .9, 0, 0), "plastic": ((.06, .06, .065), .55, 0, 0), "tyre": ((.018, .018, .018), .8, 0, 0), "rim": ((.55, .56, .58), .3, .8, 0),
    "glass": ((.016, .020, .024), .06, 0, 0), "lampwhite": ((.75, .77, .80), .12, 0, .6), "lampred": ((.42, .012, .010), .2, 0, .6), "chrome": ((.6, .6, .6), .18, 1, 0), "plate": ((.75, .75, .72), .5, 0, 0),
    "signyellow": ((.75, .45, .03), .5, 0, 0), "signdark": ((.02, .02, .02), .3, 0, 0), "signamber": ((.8, .35, .05), .5, 0, 0), "seat": ((.02, .018, .016), .6, 0, 0), "basket": ((.25, .22, .16), .7, 0, 0),
    "trousers": ((.035, .045, .08), .9, 0, 0), "skin": ((.38, .205, .13), .6, 0, 0), "shoe": ((.035, .03, .028), .6, 0, 0), "sole": ((.30, .29, .28), .8, 0, 0), "hair": ((.014, .011, .009), .45, 0, 0), "straw": ((.66, .54, .32), .8, 0, 0),
    "capred": ((.50, .04, .04), .8, 0, 0), "bag": ((.10, .09, .12), .8, 0, 0), "wood": ((.30, .17, .08), .6, 0, 0), "steel": ((.55, .56, .57), .35, .7, 0), "case": ((.35, .40, .40), .1, 0, .5), "bread": ((.55, .30, .10), .7, 0, 0),
    "fruitA": ((.75, .16, .03), .45, 0, 0), "fruitB": ((.70, .05, .04), .4, 0, 0), "fruitC": ((.78, .58, .08), .5, 0, 0), "leafy": ((.08, .30, .04), .7, 0, 0), "white": ((.78, .78, .75), .7, 0, 0),
    "crate": ((.42, .28, .14), .8, 0, 0), "crateblue": ((.03, .12, .45), .5, 0, 0), "carton": ((.42, .29, .17), .9, 0, 0), "sack": ((.55, .50, .40), .9, 0, 0), "concrete": ((.42, .41, .39), .9, 0, 0),
    "bagblack": ((.02, .02, .022), .3, 0, .3), "bagwhite": ((.72, .72, .72), .4, 0, .2), "bagclear": ((.42, .43, .42), .3, 0, .3), "bagblue": ((.05, .14, .34), .4, 0, .2), "bagred": ((.42, .06, .05), .4, 0, .2), "bottle": ((.10, .35, .20), .15, 0, .5),
    "tintA": ((.8, .8, .8), .38, 0, 1.0), "tintB": ((.8, .8, .8), .5, 0, .0),
}
SOFT = {"person", "umbrella", "stall"}          # tintA of these is cloth: no clear coat
_made = {}


def material(name, colour, roughness=.6, metallic=0, coat=0, emit=None, strength=0):
    if name in _made:
        return _made[name]
    m = bpy.data.materials.new(name)
    m.use_nodes = True
    b = m.node_tree.nodes["Principled BSDF"]
    b.inputs["Base Color"].default_value = (*colour, 1)
    b.inputs["Roughness"].default_value = roughness
    b.inputs["Metallic"].default_value = metallic
    b.inputs["Coat Weight"].default_value = coat
    b.inputs["Coat Roughness"].default_value = .04
    if emit:
        b.inputs["Emission Color"].default_value = (*emit, 1)
        b.inputs["Emission Strength"].default_value = strength
    _made[name] = m
    return m


def nodes_of(name, colour=(.5, .5, .5), roughness=.8):
    """A fresh material with its node tree and principled shader, for procedural textures."""
    m = material(name, colour, roughness)
    return m, m.node_tree, m.node_tree.nodes["Principled BSDF"]


def object_of(mesh, name="thing", bevel=.012, cloth=False):
    """A `Mesh` as a Blender object, smooth by angle, edges slightly bevelled."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(mesh.vertices, [], mesh.faces)
    slots = []
    for m in mesh.materials:
        if m not in slots:
            slots.append(m)
    for s in slots:
        c = MATERIALS[s]
        if cloth and s in ("tintA", "tintB"):
            data.materials.append(material(s + "-cloth", (.8, .8, .8), .85, 0, 0))
        else:
            data.materials.append(material(s, *c))
    data.polygons.foreach_set("material_index", [slots.index(m) for m in mesh.materials])
    data.polygons.foreach_set("use_smooth", mesh.smooth)
    data.update()
    data.validate()
    o = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(o)
    if bevel:
        b = o.modifiers.new("b", "BEVEL")
        b.width, b.segments, b.limit_method, b.angle_limit = bevel, 2, "ANGLE", math.radians(40)
        b.use_clamp_overlap = True
    return o


def tint(a, b):
    """Sets both tint channels' grey (0 or .8)."""
    for n in ("tintA", "tintA-cloth"):
        if n in _made:
            _made[n].node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (a, a, a, 1)
    for n in ("tintB", "tintB-cloth"):
        if n in _made:
            _made[n].node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (b, b, b, 1)


def reset():
    """An empty scene with Cycles set for cheap, denoised, repeatable pictures."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _made.clear()
    s = bpy.context.scene
    s.render.engine = "CYCLES"
    c = s.cycles
    c.device, c.use_denoising, c.denoiser = "CPU", True, "OPENIMAGEDENOISE"
    c.denoising_prefilter, c.denoising_input_passes = "FAST", "RGB_ALBEDO_NORMAL"
    c.use_adaptive_sampling, c.seed = False, 1
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces, c.transparent_max_bounces = 4, 2, 2, 1, 8
    c.caustics_reflective = c.caustics_refractive = False
    c.sample_clamp_indirect = 4
    s.render.film_transparent = True
    s.render.use_persistent_data = True
    s.render.threads_mode, s.render.threads = "FIXED", 1
    s.render.resolution_x, s.render.resolution_y, s.render.resolution_percentage = WIDTH, HEIGHT, 100
    s.view_settings.view_transform = "Raw" if "Raw" in [i.identifier for i in s.view_settings.bl_rna.properties["view_transform"].enum_items] else "Standard"
    s.render.image_settings.file_format = "OPEN_EXR"
    s.render.image_settings.color_mode, s.render.image_settings.color_depth, s.render.image_settings.exr_codec = "RGBA", "32", "NONE"
    return s


def camera(cam, over=1.0):
    """Hangs the camera; `over` widens the picture about its middle at the same scale."""
    s = bpy.context.scene
    d = bpy.data.cameras.new("camera")
    d.sensor_width, d.sensor_fit = 36, "HORIZONTAL"
    d.angle = 2 * math.atan(over * math.tan(math.radians(cam.hfov) / 2))
    d.clip_start, d.clip_end = .1, 1000
    o = bpy.data.objects.new("camera", d)
    o.location = cam.position
    o.rotation_euler = (math.radians(90 - cam.pitch), 0, math.radians(cam.yaw))
    s.collection.objects.link(o)
    s.camera = o


class Lights:
    """Sun, sky, street lamps and the camera's infra-red lamp; one is on at a time."""

    def __init__(self, place, cam):
        s = bpy.context.scene
        self.objects = {}
        az, el = place["sun"]
        d = bpy.data.lights.new("sun", "SUN")
        d.energy, d.angle, d.color = 3.1, math.radians(1.2), (1.0, .93, .82)
        o = bpy.data.objects.new("sun", d)
        a, e = math.radians(az), math.radians(el)
        self.sun_direction = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
        o.rotation_euler = (math.radians(90 - el), 0, math.radians(az + 90))
        s.collection.objects.link(o)
        self.objects["sun"] = [o]
        self.objects["lamp"] = []
        centre = sum(place["road"]) / 2
        for x, y in place["lamps"]:
            d = bpy.data.lights.new("lamp", "SPOT")
            d.energy, d.color, d.spot_size, d.spot_blend, d.shadow_soft_size = 1500, (1.0, .72, .42), math.radians(150), .6, .18
            o = bpy.data.objects.new("lamp", d)
            side = 1 if x < centre else -1
            o.location = (x + side * 1.7, y, 7.0)
            o.rotation_euler = (0, math.radians(-14 * side), 0)
            s.collection.objects.link(o)
            self.objects["lamp"].append(o)
        d = bpy.data.lights.new("ir", "SPOT")
        d.energy, d.color, d.spot_size, d.spot_blend, d.shadow_soft_size = 9000, (1, 1, 1), math.radians(95), 1.0, .05
        o = bpy.data.objects.new("ir", d)
        o.location = tuple(cam.position + cam.up * -.15)
        o.rotation_euler = (math.radians(90 - cam.pitch), 0, math.radians(cam.yaw))
        s.collection.objects.link(o)
        self.objects["ir"] = [o]
        w = bpy.data.worlds.new("sky")
        s.world = w
        w.use_nodes = True
        nt = w.node_tree
        self.background = nt.nodes["Background"]
        tc, sep, ramp = nt.nodes.new("ShaderNodeTexCoord"), nt.nodes.new("ShaderNodeSeparateXYZ"), nt.nodes.new("ShaderNodeValToRGB")
        nt.links.new(tc.outputs["Generated"], sep.inputs[0])
        nt.links.new(sep.outputs["Z"], ramp.inputs[0])
        nt.links.new(ramp.outputs[0], self.background.inputs[0])
        r = ramp.color_ramp.elements
        r[0].position, r[0].color = 0.0, (.20, .20, .20, 1)
        r[1].position, r[1].color = 1.0, (.42, .58, .88, 1)
        for p, c in ((.03, (.30, .31, .33, 1)), (.22, (.62, .68, .78, 1)), (.30, (.85, .90, .98, 1)), (.55, (.60, .74, .96, 1))):
            e2 = ramp.color_ramp.elements.new(p)
            e2.color = c
        self.glow = []      # (material, strength): shop windows and signs that shine with the lamps

    def only(self, name):
        for n, os_ in self.objects.items():
            for o in os_:
                o.hide_render = n != name
        self.background.inputs[1].default_value = 1.0 if name == "sky" else 0.0
        for m, k in self.glow:
            m.node_tree.nodes["Principled BSDF"].inputs["Emission Strength"].default_value = k if name == "lamp" else 0.0


def render(samples, region=None, scale=1.0, denoise=True, filter_width=1.3, over=1.0):
    """Renders the scene; region is (u0, v0, u1, v1) in pixels of the camera's picture and may leave it as far as `over`
    goes. Returns float32 (h, w, 4), top row first."""
    s = bpy.context.scene
    c = s.cycles
    c.samples, c.use_denoising, c.filter_width = samples, denoise, filter_width
    s.render.resolution_x, s.render.resolution_y = round(WIDTH * over * scale), round(HEIGHT * over * scale)
    if region:
        u0, v0, u1, v1 = region
        s.render.use_border = s.render.use_crop_to_border = True
        w, h = WIDTH * over, HEIGHT * over
        px, py = (w - WIDTH) / 2, (h - HEIGHT) / 2
        s.render.border_min_x, s.render.border_max_x = (u0 + px + .25) / w, (u1 + px + .25) / w     # a quarter pixel: the border is cut to whole pixels in float32
        s.render.border_min_y, s.render.border_max_y = (h - v1 - py + .25) / h, (h - v0 - py + .25) / h
    else:
        s.render.use_border = s.render.use_crop_to_border = False
    path = os.path.join(tempfile.gettempdir(), f"streets-{os.getpid()}.exr")
    s.render.filepath = path
    bpy.ops.render.render(write_still=True)
    im = bpy.data.images.load(path)
    im.colorspace_settings.name = "Non-Color"
    w, h = im.size
    a = np.empty(w * h * 4, np.float32)
    im.pixels.foreach_get(a)
    bpy.data.images.remove(im)
    os.remove(path)
    return a.reshape(h, w, 4)[::-1].copy()

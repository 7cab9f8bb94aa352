/* Attributes by the address of their name.
 *
 * An attribute of a message or a value is a descriptor of its class.  Python finds it anew at every
 * read, which takes longer than most properties then do.  The classes here are static, so that none
 * can change, and their objects have no dictionary: a name that was found once is the same descriptor
 * for good.  Some are remembered, by the addresses of class and name; all else goes Python's way.
 */
#ifndef SIPFAST_ATTRIBUTES_H
#define SIPFAST_ATTRIBUTES_H

#include <Python.h>
#include <stdint.h>

#define SIP_ATTRIBUTES 2048u /* a power of two: places, several times as many as are in use */

typedef PyObject *(*sip_read)(PyObject *descriptor, PyObject *object);

typedef struct {
    PyTypeObject *type;
    PyObject *name; /* a reference, so that its address stays its own */
    PyObject *descriptor; /* a reference: who finds the class's dictionary can empty it */
    sip_read read;
} sip_attribute;

static PyObject *sip_read_getset(PyObject *descriptor, PyObject *object)
{
    PyGetSetDef *of = ((PyGetSetDescrObject *)descriptor)->d_getset;
    return of->get(object, of->closure);
}

static PyObject *sip_read_any(PyObject *descriptor, PyObject *object)
{
    return Py_TYPE(descriptor)->tp_descr_get(descriptor, object, (PyObject *)Py_TYPE(object));
}

static sip_attribute *sip_attribute_place(PyTypeObject *type, PyObject *name)
{
    static sip_attribute places[SIP_ATTRIBUTES];
    uintptr_t mixed = ((uintptr_t)name >> 4) ^ ((uintptr_t)type >> 5);
    sip_attribute *place = &places[mixed % SIP_ATTRIBUTES];
    if (place->name != NULL && (place->name != name || place->type != type))
        place = &places[(mixed + SIP_ATTRIBUTES / 2) % SIP_ATTRIBUTES]; /* the only other choice */
    return place;
}

/* The descriptor of this name, borrowed, or NULL.  It lives as long as its class, which is for good. */
static PyObject *sip_look_up(PyTypeObject *type, PyObject *name)
{
    PyObject *mro = type->tp_mro, *found = NULL;
    for (Py_ssize_t i = 0; found == NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
#if PY_VERSION_HEX >= 0x030C0000
        PyObject *names = PyType_GetDict(base); /* built-in classes have theirs elsewhere since 3.12 */
        found = PyDict_GetItemWithError(names, name);
        Py_DECREF(names);
#else
        found = PyDict_GetItemWithError(base->tp_dict, name);
#endif
        if (found == NULL)
            PyErr_Clear();
    }
    return found;
}

static void sip_remember_attribute(
    sip_attribute *place, PyTypeObject *type, PyObject *name, PyTypeObject *kind, sip_read read)
{
    PyObject *descriptor;
    if (!PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE) || type->tp_dictoffset != 0
        || !PyUnicode_CheckExact(name) || !PyUnicode_CHECK_INTERNED(name))
        return;
    descriptor = sip_look_up(type, name);
    if (descriptor == NULL || Py_TYPE(descriptor)->tp_descr_get == NULL)
        return;
    if (kind != NULL && PyObject_TypeCheck(descriptor, kind))
        place->read = read;
    else if (Py_IS_TYPE(descriptor, &PyGetSetDescr_Type)
             && ((PyGetSetDescrObject *)descriptor)->d_getset->get != NULL)
        place->read = sip_read_getset;
    else
        place->read = sip_read_any;
    Py_INCREF(name);
    Py_INCREF(descriptor);
    PyObject *name_before = place->name, *descriptor_before = place->descriptor;
    place->type = type;
    place->name = name;
    place->descriptor = descriptor;
    Py_XDECREF(name_before);
    Py_XDECREF(descriptor_before);
}

/* What PyObject_GenericGetAttr gives.  Descriptors of one `kind`, or NULL, are read by `read`. */
static inline PyObject *sip_get_attribute(
    PyObject *object, PyObject *name, PyTypeObject *kind, sip_read read)
{
#ifndef Py_GIL_DISABLED
    PyTypeObject *type = Py_TYPE(object);
    sip_attribute *place = sip_attribute_place(type, name);
    if (place->name == name && place->type == type)
        return place->read(place->descriptor, object);
    sip_remember_attribute(place, type, name, kind, read);
#endif
    return PyObject_GenericGetAttr(object, name);
}

#endif
